#!/bin/sh
# /etc/init.d/causeway and /etc/init.d/ipsec of a how-to's router: tests/packaging has the real one.
case $1 in
    start) start-causewayd ;;
    stop) causeway stop ;;
    restart)
        if causeway version | grep -q "not running"; then start-causewayd; else causeway stop && start-causewayd; fi ;;
    reload) causeway reload ;;
    *) echo "$0 $1: not played here"; exit 2 ;;
esac
