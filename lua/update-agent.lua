--- update-agent: fields of an agent change (status, doing, question, choices, questionId, reason, paused, pid).
--- Guarantees: hash, registry and record change together. Whoever is no longer idle, or is paused, is handed nothing from that step on. Never task, stage, token or room: those go with leases.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 text
---   5 fields... name and value in turn
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
	put(fields, 'statusAt', digits(now))
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
