#!/usr/bin/env bash
# Publishes an alarm when the kitchen is too warm, and its end. Wants mosquitto-clients.
#
#   alarm.sh LIMIT [OPTION...]     options of mosquitto_sub and mosquitto_pub, as -h broker -u name -P password
set -euo pipefail

limit=$1
shift
state=unknown
mosquitto_sub "$@" -q 1 -t home/kitchen/temperature | while read -r temperature; do
    if awk "BEGIN { exit !($temperature > $limit) }"; then now=on; else now=off; fi
    if [[ $now != "$state" ]]; then
        state=$now
        mosquitto_pub "$@" -q 1 -r -t home/kitchen/alarm -m "$state"
    fi
done
