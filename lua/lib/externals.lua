--- What the sweep reads of external workers: registry entries, heartbeats, locks and what they write about tasks.
--- uses: agents, external, intake, leave, tasks

--- A value that changes with every heartbeat, and ms until it expires (-1: never); 'never' or 'gone' and 0 if there is none. The constant
--- "alive" of SETEX changes by its expiry.
local function stampOf(agent, hadBeat)
	local name = key('heartbeat:' .. agent)
	local expiry = redis.call('PEXPIRETIME', name)
	if expiry == -2 then
		return hadBeat and 'gone' or 'never', 0
	end
	return external.lineOf(tostring(softly('GET', name) or ''), 40) .. '@' .. digits(expiry), redis.call('PTTL', name)
end

local OUTSIDE_STATUSES = {paused = 'paused', stopped = 'stopped', inactive = 'stopped', offline = 'stopped'}

--- What an external worker says of itself as fields; skips what cannot be read.
local function readEntry(entry)
	local fields = {'entry', redis.sha1hex(entry)}
	local said = external.saidIn(entry) or {status = entry}
	put(fields, 'status', type(said.status) == 'string' and OUTSIDE_STATUSES[said.status] or 'idle')
	if type(said.role) == 'string' and #said.role <= 40 and string.match(said.role, '^%l[%l%d-]*$') then
		put(fields, 'role', said.role)
	end
	local capabilities = {}
	for _, name in ipairs(type(said.capabilities) == 'table' and said.capabilities or {}) do
		if #capabilities < 20 and type(name) == 'string' and #name <= 40 and string.match(name, '^%w[%w._-]*$') then
			capabilities[#capabilities + 1] = name
		end
	end
	put(fields, 'capabilities', table.concat(capabilities, ','))
	return fields
end

--- A worker that was handed an entry before anyone saw it may name it as its task. It is believed while its heartbeat lives, and never
--- about an id that was used.
local function noteWord(agent, entry)
	local word = external.taskIn(external.saidIn(entry))
	local id = string.match(word, '^task:.*:([a-z0-9][a-z0-9-]*)$')
	if id and #id <= 40 and not tasks.isTaken(id) and redis.call('EXISTS', key('heartbeat:' .. agent)) == 1 then
		intake.noteTaken('l', word)
	end
end

--- Continues through agents:registry, about a hundred entries per call: agents of no room appear, and their changes are shown.
local function lookAtRegistry()
	if redis.call('TYPE', key('agents:registry')).ok ~= 'hash' then
		return
	end
	local at = key('agents:external:at')
	local before = redis.call('GET', at) or '0'
	local read = redis.call('HSCAN', key('agents:registry'), before, 'COUNT', 100)
	if read[1] ~= before then
		redis.call('SET', at, read[1])
	end
	for index = 1, math.min(#read[2], 2000), 2 do
		local agent = read[2][index]
		local entry = read[2][index + 1]
		local known = external.isSafeId(agent) and redis.call('HMGET', agentKey(agent), 'room', 'entry', 'task', 'status') or nil
		local isNew = known and not known[1]
		if isNew and redis.call('ZCARD', key('agents:external')) < external.MOST then
			external.join(agent, readEntry(entry))
			noteWord(agent, entry)
		elseif known and known[1] == '' and known[2] ~= redis.sha1hex(entry) then
			local fields = readEntry(entry)
			noteWord(agent, entry)
			if (known[3] or '') ~= '' and valueIn(fields, 'status') == 'idle' then
				put(fields, 'status', 'working')
			end
			local event = {}
			agents.write(agents.read(agent), fields, event)
			emit('agent_updated', known[3] or '', agent, '', event, 'agent:' .. agent .. ':' .. valueIn(fields, 'status'))
		end
	end
end

--- Least recently checked first; beyond a hundred, checked ones go to the end.
local function nextOf(index)
	local ids = redis.call('ZRANGE', key(index), 0, 99)
	if #ids == 100 and redis.call('ZCARD', key(index)) > 100 then
		for _, id in ipairs(ids) do
			redis.call('ZADD', key(index), now, id)
		end
	end
	return ids
end

--- Removes an external agent from the team.
local function leaveTeam(agent)
	redis.call('ZREM', key('agents:index'), agent)
	redis.call('ZREM', key('agents:external'), agent)
	redis.call('DEL', agentKey(agent))
	emit('agent_left', '', agent, '', {}, 'agent:' .. agent .. ':gone')
end

--- Rows of external agents: agent, stamp of its heartbeat, ms until it expires. One without its registry entry leaves; an unreachable one
--- with a new heartbeat is back.
local function lookAtAll()
	local rows = {}
	for _, agent in ipairs(nextOf('agents:external')) do
		local known = redis.call('HMGET', agentKey(agent), 'room', 'task', 'entry', 'hasBeat', 'status')
		local stamp, left = stampOf(agent, known[4] == '1')
		local hasBeat = stamp ~= 'never' and stamp ~= 'gone'
		local isListed = softly('HEXISTS', key('agents:registry'), agent) == 1
		if (softly('LLEN', key('tasks:taken:' .. agent)) or 0) > 0 then
			intake.noteTaker(agent)
		end
		if known[1] ~= '' then
			redis.call('ZREM', key('agents:external'), agent)
		elseif not isListed and (known[2] or '') == '' and ((known[3] or '') ~= '' or not hasBeat) then
			leaveTeam(agent)
		else
			local fields = {}
			if hasBeat and known[4] ~= '1' then
				put(fields, 'hasBeat', '1')
			end
			if hasBeat and known[5] == 'unreachable' then
				put(fields, 'status', (known[2] or '') == '' and 'idle' or 'working')
				put(fields, 'statusAt', nowText)
				put(fields, 'reason', '')
			end
			if #fields > 0 then
				local status = valueIn(fields, 'status')
				local event = {}
				agents.write(agents.read(agent), fields, event)
				emit('agent_updated', known[2] or '', agent, status and 'is back' or '', event, 'agent:' .. agent .. ':' .. (status or known[5] or ''))
			end
			for _, value in ipairs({agent, stamp, digits(left)}) do
				rows[#rows + 1] = value
			end
		end
	end
	return rows
end

--- Rows of external leases: task, agent, token, expiry of the lock (0: none, -1: never), ms until then, the fields `status` and `branch`.
--- If the lock changes hands, so does the lease.
local function lookAtLeases()
	local rows = {}
	for _, id in ipairs(nextOf('tasks:external')) do
		local task = tasks.read(id)
		if not task or task.state ~= 'leased' or not tasks.isExternal(task.token) then
			redis.call('ZREM', key('tasks:external'), id)
		else
			local lock = key('locks:task:' .. id)
			local holder = external.lockOf(id)
			if holder and external.nameIn(holder) ~= task.owner then
				local event = {}
				leave.agent(task.owner, task.id, task.token, event)
				if event.a then
					emit('agent_updated', '', task.owner, '', event, 'agent:' .. task.owner .. ':idle')
				end
				external.lease(task, holder)
				task = tasks.read(id)
			end
			local expiry = holder and redis.call('PEXPIRETIME', lock) or 0
			if expiry > 0 and digits(expiry) ~= task.leaseUntil then
				redis.call('HSET', taskKey(id), 'leaseUntil', digits(expiry))
			end
			--- The observer decides by its own clock, never the deadline alone.
			redis.call('ZADD', key('leases'), math.max(expiry, now + 60000), id)
			local said = redis.call('HMGET', taskKey(id), 'status', 'branch')
			for _, value in ipairs({
				id, task.owner, task.token, digits(expiry), digits(holder and redis.call('PTTL', lock) or 0),
				external.lineOf(said[1] or '', 40), external.lineOf(said[2] or '', 200),
			}) do
				rows[#rows + 1] = value
			end
		end
	end
	return rows
end

--- Reports progress that was written by hand into a leased task's status hash.
local function tellProgress(id, owner, progress, told)
	if not progress or progress == (told or '') then
		return
	end
	local line = external.lineOf(progress, 200)
	emit('task_progressed', id, owner, line, tasks.write({id = id}, {'progress', line}, {}), 'task:' .. id .. ':leased')
end

return {lookAtRegistry = lookAtRegistry, lookAtAll = lookAtAll, lookAtLeases = lookAtLeases, tellProgress = tellProgress}
