import {join} from 'node:path';
import {root} from './program.ts';

const HOOK = join(root, 'dist', 'hook.js');

/**
 * A shell script that plays Codex in its pane, by its real hooks: `hook EVENT JSON...`, `begin` (its session begins, the prompt of the arguments is
 * taken up), `turn_ends WORDS` (prints what the hook at the end of a turn says; what follows is read from `$said`), `typed` (waits for an Enter in
 * the pane: the line, paste marks and all, is in `$line`), `taken` (that line was taken up), `fails JSON` (the turn ended in this error). Its
 * arguments of each start lie in `$D/started`, a line each, the last argument (the prompt) in `$D/prompts`.
 */
export const playsCodex = (script: string): string => `
N="$AGENT_ROOM_TASK"
for PROMPT in "$@"; do :; done
case " $* " in *" resume -- "*) RESUMED=yes ;; *) case " $* " in *" resume "*) RESUMED=yes ;; *) RESUMED= ;; esac ;; esac
[ -n "\${S:-}" ] || S="s-$N-$AGENT_ROOM_ATTEMPT"
echo "$AGENT_ROOM_AGENT $AGENT_ROOM_STAGE \${RESUMED:-new} $PWD" >>"$D/started"
echo "$PROMPT" >>"$D/prompts"
ROLLOUT="$D/$S.jsonl"
[ -e "$ROLLOUT" ] || : >"$ROLLOUT"
hook() { printf '{"session_id":"%s","transcript_path":"%s","hook_event_name":"%s"%s}' "$S" "$ROLLOUT" "$1" "\${2:+,$2}" | '${process.execPath}' '${HOOK}' "$1"; }
taken() { hook UserPromptSubmit '"prompt":"text"'; }
begin() { hook SessionStart '"source":"startup"'; taken; }
turn_ends() { said=$(hook Stop "\\"last_assistant_message\\":\\"$1\\""); }
typed() { printf '\\n› '; IFS= read -r line; printf '%s\\n' "$line" >>"$D/typed"; }
fails() { printf '{"timestamp":"2026-01-01T00:00:00Z","type":"event_msg","payload":{"type":"task_complete","error":%s}}\\n' "$1" >>"$ROLLOUT"; }
commit() { echo "$1" >>"$N.txt"; git add -A; git commit -qm "$1"; }
${script}
`;
