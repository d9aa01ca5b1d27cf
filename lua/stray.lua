--- stray: an agent moved the base to its work without a merge; nothing is tested or merges until a human decides.
--- Guarantees: there is one alarm, and it knows the previous base. Another such move from the alarm's commit extends it; one from elsewhere
--- keeps it, but drops the previous base: others' work lies in between.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task      of the attempt
---   4 agent     '' if unknown
---   5 from      previous base
---   6 to        current base
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
local fields = {'stray', to, 'strayFrom', before, 'strayTask', task, 'strayAgent', agent, 'strayAt', nowText}
redis.call('HSET', key('control'), unpack(fields))
emit('base_strayed', task, agent, text, tell({}, 'c', fields), 'control:stray:' .. to)
return once.remember('ok')
