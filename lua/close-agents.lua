--- close-agents: a room's agents get no more tasks; they keep their leases.
--- Guarantees: idempotent by nature (no op-id, no event). Returns what was assigned to one of them before this step, and what joined their
--- merge groups, finished or not (of the 2,000 leases that end first).
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 ids...    of agents
---
--- Replies: {agent, task, token of every lease of these agents, ...}
---
--- flags: allow-oom
--- uses: agents, waiting

local ids = fieldsFrom(2)

local leases, isOf, held = {}, {}, {}
for _, agent in ipairs(ids) do
	local member = agents.read(agent)
	if member then
		waiting.leave(agent, member.role)
		isOf[agent] = true
		held[member.task] = true
		if member.token ~= '' then
			leases[#leases + 1] = agent
			leases[#leases + 1] = member.task
			leases[#leases + 1] = member.token
		end
	end
end
for _, id in ipairs(redis.call('ZRANGE', key('leases'), 0, 1999)) do
	local lease = not held[id] and softly('HMGET', taskKey(id), 'state', 'stage', 'owner', 'token') or {}
	if lease[1] == 'leased' and lease[2] == 'merge' and isOf[lease[3]] then
		leases[#leases + 1] = lease[3]
		leases[#leases + 1] = id
		leases[#leases + 1] = lease[4]
	end
end
return {leases}
