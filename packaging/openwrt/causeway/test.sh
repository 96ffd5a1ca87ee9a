#!/bin/sh
# shellcheck shell=dash
# What the packages feed runs on the installed package: its name, its version.

[ "$1" = causeway ] || exit 0

for program in causewayd causeway /usr/libexec/causeway/ipsec; do
	"$program" --version | grep -F "causeway $2" || {
		echo "$program --version does not say $2" >&2
		exit 1
	}
done
