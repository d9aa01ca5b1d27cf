--- Waiting agents, one line per role, and what they asked for.

--- From now on the agent is assigned a fitting task, until its next task or an order to it.
local function join(member, call)
	redis.call('ZADD', key('waiting'), 'NX', nowText, member.id)
	redis.call('ZADD', key('waiting:' .. member.role), 'NX', nowText, member.id)
	redis.call('HSET', key('calls'), member.id, call.leaseMs .. ' ' .. call.nonce .. ' ' .. call.stages)
end

local function leave(id, role)
	if redis.call('ZREM', key('waiting'), id) == 1 then
		redis.call('ZREM', key('waiting:' .. role), id)
		redis.call('HDEL', key('calls'), id)
	end
end

return {join = join, leave = leave}
