#!/usr/bin/env bash
# One agent of the soak, a process of its own: reads `task token stage seconds`, works that long, says `token`. What it does stands in the
# ledger, whoever still listens to it. It ends with its room's pipe.
# usage: agent.sh LEDGER AGENT
ledger=$1
agent=$2
# A pipe that never says anything: to read from it with a time limit is to sleep without a process more.
exec {quiet}<> <(:)
while read -r task token stage seconds; do
	echo "${EPOCHREALTIME//[.,]/} began $task $token $stage $agent" >>"$ledger"
	read -r -t "$seconds" -u "$quiet"
	echo "${EPOCHREALTIME//[.,]/} finished $task $token $stage $agent" >>"$ledger"
	echo "$token"
done
