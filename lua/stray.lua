--- stray: the base was moved to work of an agent's that did not come by a landing; nothing is tested or lands until a person has decided.
--- Guarantees: there is one alarm, and it knows where the base was before. Another such move, from where the alarm stands, makes it longer; one from
--- somewhere else keeps it, but takes away the one step back: between the two lies what somebody else has done.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task      whose attempt it is of
---   4 agent     '' where nobody knows
---   5 from      where the base was
---   6 to        where it is
---   7 text
---
--- Replies: 'ok'
---
--- uses: once

local op = ARGV[2]
local task = ARGV[3]
local agent = ARGV[4]
local from = ARGV[5]
local to = ARGV[6]
local text = ARGV[7]

local answered = once.answered(op)
if answered then
	return answered
end

local open = redis.call('HMGET', key('control'), 'stray', 'strayFrom')
local before = from
if (open[1] or '') ~= '' and open[1] ~= to then
	before = open[1] == from and (open[2] or '') or ''
end
local fields = {'stray', to, 'strayFrom', before, 'strayTask', task, 'strayAgent', agent, 'strayAt', digits(now)}
redis.call('HSET', key('control'), unpack(fields))
emit('base_strayed', task, agent, text, prefixed({}, 'c:', fields), 'control:stray:' .. to)
return once.remember('ok')
