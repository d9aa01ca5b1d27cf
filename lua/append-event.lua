--- append-event: records an event that changes no state.
--- Guarantees: one entry per op-id.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 type      of the event
---   4 task      '' for none
---   5 agent     '' for none
---   6 text
---
--- Replies: 'ok'
---
--- uses: once

local op = ARGV[2]
local type = ARGV[3]
local task = ARGV[4]
local agent = ARGV[5]
local text = ARGV[6]

local answered = once.answered(op)
if answered then
	return answered
end

emit(type, task, agent, text, {}, task == '' and 'note:' .. type or 'task:' .. task .. ':' .. type)
return once.remember('ok')
