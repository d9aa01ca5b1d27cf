--- update-agent: changes fields of an agent (status, doing, question, choices, questionId, reason, paused, pid).
--- Guarantees: hash, registry and event log change together. An agent that is not idle, or is paused, gets no tasks from that step on.
--- Never task, stage, token or room: those change with leases.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 text
---   5 fields... alternating names and values
---
--- Replies: 'ok' | 'gone'
---
--- uses: agents, once, waiting

local op = ARGV[2]
local agent = ARGV[3]
local text = ARGV[4]
local fields = fieldsFrom(5)

local answered = once.answered(op)
if answered then
	return answered
end

local member = agents.read(agent)
if not member then
	return {'gone'}
end
local status = valueIn(fields, 'status')
if status and status ~= member.status then
	put(fields, 'statusAt', nowText)
end
if (status and status ~= 'idle') or valueIn(fields, 'paused') == '1' then
	waiting.leave(agent, member.role)
end
local event = {}
if #fields > 0 then
	agents.write(member, fields, event)
end
emit('agent_updated', member.task, agent, text, event, 'agent:' .. agent .. ':' .. member.status)
return once.remember('ok')
