"""All faults, in the order in which docs/diagnosis.md has them, and behind them the tunnels without one."""

import faults_carried
import faults_phase1
import faults_phase2
import faults_silent
import sound
from fault import Fault

FAMILIES: dict[str, tuple[Fault, ...]] = {
    "Names, addresses, silence": faults_silent.FAULTS, "Phase 1": faults_phase1.FAULTS, "Phase 2": faults_phase2.FAULTS,
    "A tunnel that is up": faults_carried.FAULTS}
SOUND = sound.FAULTS
FAULTS: dict[str, Fault] = {fault.name: fault for family in (*FAMILIES.values(), SOUND) for fault in family}
