--- Agents that wait for a task, each in its role's line, and what they asked with.

--- From now on the agent is given what it can take, until its next task or an order to it.
local function join(member, call)
	redis.call('ZADD', key('waiting'), 'NX', now, member.id)
	redis.call('ZADD', key('waiting:' .. member.role), 'NX', now, member.id)
	redis.call('HSET', key('calls'), member.id, call.leaseMs .. ' ' .. call.nonce .. ' ' .. call.stages)
end

--- Takes an agent out of those that wait for a task.
local function leave(id, role)
	if redis.call('ZREM', key('waiting'), id) == 1 then
		redis.call('ZREM', key('waiting:' .. role), id)
		redis.call('HDEL', key('calls'), id)
	end
end

return {join = join, leave = leave}
