--- withdraw: agents of a room are handed nothing any more; what they hold stays theirs.
--- Guarantees: idempotent by nature (no op-id, no event). What was handed to one of them before this step is named.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 agents...
---
--- Replies: {agent, task, token of every lease of these agents, ...}

--- include: lib/base
local agents = fieldsFrom(2)
--- include: lib/agent

local leases = {}
for _, agent in ipairs(agents) do
	local member = readAgent(agent)
	if member then
		unwait(agent, member.role)
		if member.token ~= '' then
			leases[#leases + 1] = agent
			leases[#leases + 1] = member.task
			leases[#leases + 1] = member.token
		end
	end
end
return {leases}
