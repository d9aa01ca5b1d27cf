--- External workers: they only use plain Redis commands.
--- uses: agents, lock-value, tasks

--- Limit of shown external agents.
local MOST = 1000

--- External text as one line of at most `limit` bytes, without split characters.
local function lineOf(text, limit)
	local line = string.gsub(text, '[%c\127]', ' ')
	if #line <= limit then
		return line
	end
	return (string.gsub(string.sub(line, 1, limit), '[\192-\255][\128-\191]*$', ''))
end

local function isSafeId(id)
	return #id <= 100 and string.match(id, '^%w[%w._:-]*$') ~= nil
end

--- The id of an external lock's holder. A name like that of a room's agent does not make it that agent.
local function nameIn(value)
	local name = string.gsub(lineOf(lockValue.ownerIn(value), 80), '[^%w._:-]', '-')
	if not isSafeId(name) then
		return 'external:unnamed'
	end
	return (redis.call('HGET', agentKey(name), 'room') or '') == '' and name or 'external:' .. name
end

--- The lock of a task if an external worker holds it, else nil.
local function lockOf(id)
	local holder = softly('GET', key('locks:task:' .. id))
	return holder and not string.find(holder, ' ', 1, true) and holder or nil
end

--- What an external worker wrote of itself in agents:registry, as a table; nil if it cannot be read.
local function saidIn(entry)
	if not entry or #entry > 4096 or string.sub(entry, 1, 1) ~= '{' then
		return nil
	end
	local isRead, value = pcall(cjson.decode, entry)
	return isRead and type(value) == 'table' and value or nil
end

--- The entry or id that an external worker names as its task; '' for none.
local function taskIn(said)
	local task = said and said.task
	return type(task) == 'string' and #task <= 1000 and task or ''
end

--- Shows an external agent, with `more` of its fields.
local function join(agent, more)
	redis.call('ZADD', key('agents:index'), now, agent)
	redis.call('ZADD', key('agents:external'), now, agent)
	local fields = {
		'room', '', 'harness', 'external', 'host', '', 'pid', '0', 'role', 'external', 'capabilities', '', 'status', 'idle', 'task', '', 'stage', '',
		'token', '', 'paused', '0', 'statusAt', nowText, 'beatAt', '0', 'entry', '', 'hasBeat', '0',
	}
	for index = 1, #more, 2 do
		put(fields, more[index], more[index + 1])
	end
	local event = {}
	agents.write({id = agent}, fields, event)
	emit('agent_registered', '', agent, valueIn(fields, 'role') .. ', external agent', event, 'agent:' .. agent .. ':' .. valueIn(fields, 'status'))
end

--- Leases a task that is in no queue to the external holder of its lock. The lock's expiry is the lease.
local function lease(task, holder)
	local owner = nameIn(holder)
	if redis.call('EXISTS', agentKey(owner)) == 0 then
		join(owner, {})
	end
	local left = redis.call('PTTL', key('locks:task:' .. task.id))
	local deadline = now + (left >= 0 and left or 86400000)
	local token = digits(redis.call('INCR', key('fencing'))) .. ':external' .. time[2]
	redis.call('ZADD', key('leases'), deadline, task.id)
	redis.call('ZADD', key('tasks:external'), now, task.id)
	local event = tasks.write(task, {
		'state', 'leased', 'owner', owner, 'token', token, 'leaseUntil', digits(deadline), 'waitReason', '',
		'attempt', digits((tonumber(task.attempt) or 0) + 1), 'fresh', '0', 'worktree', '',
		'startedAt', task.startedAt == '' and nowText or task.startedAt,
	}, {})
	agents.write(agents.read(owner), {'status', 'working', 'task', task.id, 'stage', task.stage, 'token', token, 'reason', '', 'statusAt', nowText}, event)
	emit('task_claimed', task.id, owner, task.stage, event, 'task:' .. task.id .. ':leased')
end

return {MOST = MOST, lineOf = lineOf, isSafeId = isSafeId, nameIn = nameIn, lockOf = lockOf, saidIn = saidIn, taskIn = taskIn, join = join, lease = lease}
