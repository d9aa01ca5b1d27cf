--- unstray: an agent's move of the base is resolved: reverted, kept by a human, or no longer on the base.
--- Guarantees: only for exactly that commit: of two terminals one decides, and later moves stay undecided.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 commit    of the alarm
---   4 text
---
--- Replies: 'ok' | 'stale'
---
--- uses: once

local op = ARGV[2]
local commit = ARGV[3]
local text = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local open = redis.call('HMGET', key('control'), 'stray', 'strayTask')
if commit == '' or open[1] ~= commit then
	return {'stale'}
end
local fields = {'stray', '', 'strayFrom', '', 'strayTask', '', 'strayAgent', '', 'strayAt', '0'}
redis.call('HSET', key('control'), unpack(fields))
emit('base_decided', open[2] or '', '', text, tell({}, 'c', fields), 'control:stray:')
return once.remember('ok')
