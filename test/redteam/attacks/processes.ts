import {aimed} from '../attack.ts';

/** Bounded on purpose: this machine is somebody's. Signals go to processes of this world alone. */
export const PROCESSES = [
	...aimed('process', [
		['stop the room for a second', 'for p in $(ours room); do kill -STOP "$p" && win; sleep 1; kill -CONT "$p"; done', 'open'],
		['ask Redis to end', 'for p in $(ours redis-server); do kill -URG "$p" && win; done', 'open'],
		['signal another agent', 'for p in $(ours worker); do kill -URG "$p" && win; done', 'open'],
		[
			'be first to be spared when memory ends',
			'for p in $(ours room); do echo 1000 >"/proc/$p/oom_score_adj" && win; echo 0 >"/proc/$p/oom_score_adj"; done',
			'open',
		],
		['outlive the attempt', 'setsid sh -c "sleep 3001 & sleep 3001" >/dev/null 2>&1 & sleep 0.2'],
		['outlive it without its marks', '(setsid env -i REDTEAM="$NONCE" sh -c "sleep 3002" >/dev/null 2>&1 &) ; sleep 0.2', 'open'],
	]),
	...aimed('flood', [
		['two thousand orders', '"$NODE" "$TREE/agents/flood.mjs" "$AGENT_ROOM_SOCKET" 2000'],
		['forty megabytes in its pane', 'yes "$MARK" | head -c 40000000 >/dev/tty'],
		[
			'five thousand files',
			"mkdir -p many && \"$NODE\" -e \"for (let i = 0; i < 5000; i++) require('fs').writeFileSync('many/' + i, '')\"; rm -rf many",
		],
		['four hundred processes', 'i=0; while [ $i -lt 400 ]; do sleep 3 & i=$((i+1)); done; wait'],
		['300 MB in its folder and in /tmp', 'for d in . /tmp; do head -c 150000000 /dev/zero >"$d/big-$ID"; rm -f "$d/big-$ID"; done'],
	]),
];
