--- Cycles of agents that wait for each other.
--- uses: locks

--- The cycle that `asker` would close by waiting: {agent, name it waits for, ...}, the asker first, each name held (or waited for earlier)
--- by the next agent and the last by the asker; nil if none. Visits each agent once.
local function ringFrom(asker, blockers)
	-- An agent that neither holds nor waits for anything blocks nobody.
	if redis.call('EXISTS', key('locks:held:' .. asker.owner)) == 0 then
		return nil
	end
	local waiters = locks.waitersInOrder()
	local seen = {[asker.owner] = true}
	local function walk(agent, edges)
		for _, edge in ipairs(edges) do
			if edge.owner == asker.owner then
				return {agent, edge.name}
			end
			if not seen[edge.owner] then
				seen[edge.owner] = true
				local ahead = {}
				for _, waiter in ipairs(waiters) do
					local rest = waiter.owner == edge.owner and walk(edge.owner, locks.blockersOf(waiter, ahead))
					if rest then
						return {agent, edge.name, unpack(rest)}
					end
					ahead[#ahead + 1] = waiter
				end
			end
		end
		return nil
	end
	return walk(asker.owner, blockers)
end

return {ringFrom = ringFrom}
