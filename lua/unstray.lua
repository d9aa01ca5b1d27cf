--- unstray: what an agent had moved the base to is decided: it was taken back, a person keeps it, or the base does not hold it any more.
--- Guarantees: only of exactly that commit: of two terminals one decides, and what came since is not decided with it.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 commit    that the alarm is about
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
emit('base_decided', open[2] or '', '', text, prefixed({}, 'c:', fields), 'control:stray:')
return once.remember('ok')
