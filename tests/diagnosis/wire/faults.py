"""All faults, in the order in which docs/diagnosis.md has them."""

import faults_carried
import faults_phase1
import faults_phase2
import faults_silent
from fault import Fault

FAMILIES: dict[str, tuple[Fault, ...]] = {
    "Names, addresses, silence": faults_silent.FAULTS, "Phase 1": faults_phase1.FAULTS, "Phase 2": faults_phase2.FAULTS,
    "A tunnel that is up": faults_carried.FAULTS}
FAULTS: dict[str, Fault] = {fault.name: fault for family in FAMILIES.values() for fault in family}
