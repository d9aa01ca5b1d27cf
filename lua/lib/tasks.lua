--- Tasks: where one is, and moving it.
--- Guarantees: at every script boundary a task is in exactly the place that its `state` names: `ready` in one priority set, `delayed` in
--- tasks:delayed, `leased` in leases, `failed` in tasks:failed, `merged`, `planned` and `cancelled` in tasks:done, `blocked` in
--- tasks:asking if it waits for a human and in none if it waits for others. Unfinished ones are also in tasks:live. tasks:counts counts the
--- states without an index (blocked, planned, cancelled), in the same step.

--- The score of a task; a foreign value counts as created now.
local function scoreOf(text)
	local score = tonumber(text)
	return score and score == score and text or nowText
end

--- A task by name, missing fields ''; nil if there is no such task. `stored` is what its hash has and `was` the stored state, whatever a
--- script does to the task before it writes it. For so small a hash HGETALL is cheaper than some fields by name, and as a map of RESP3
--- it comes as the very table.
local function read(id)
	redis.setresp(3)
	local reply = softly('HGETALL', taskKey(id))
	redis.setresp(2)
	local stored = reply and reply.map
	if not stored or not stored.state or not stored.score then
		return nil
	end
	setmetatable(stored, BLANK)
	return setmetatable({id = id, was = stored.state, score = scoreOf(stored.score), stored = stored}, {__index = stored})
end

--- Whether an id is taken: by a task, or by a key of another type.
local function isTaken(id)
	return softly('HEXISTS', taskKey(id), 'state') ~= 0
end

local FINISHED = {merged = true, planned = true, failed = true, cancelled = true}

--- An external lease: its token was made here and is known to nobody.
local function isExternal(token)
	return string.find(token, ':external', 1, true) ~= nil
end

--- Removes what is no task any more from the indexes: its key was deleted or has another type.
local function forget(id)
	for _, index in ipairs({'tasks:live', 'tasks:delayed', 'tasks:asking', 'leases'}) do
		redis.call('ZREM', key(index), id)
	end
end

--- First stages, where a task returns to; and the stages that write.
local HOMES = {plan = true, develop = true, document = true}
--- Stages whose session can be resumed. A review keeps none: the author's must survive for requested changes.
local HAS_SESSION = {plan = true, develop = true, resolve = true, document = true}

--- An author can neither review, nor audit, nor merge its task.
local function isAuthor(task, agent)
	return task.author == agent or string.find(',' .. task.authors .. ',', ',' .. agent .. ',', 1, true) ~= nil
end

--- Long texts (up to 200 KB) are outside the status hash: lists never read them, and the event log has none.
local LONG_FIELDS = {description = true, acceptance = true, feedback = true, handoff = true, proposal = true, reviews = true, comments = true}
--- Bytes of the feedback's end that the status hash keeps for the screen.
local LAST_BYTES = 600

local COUNTED = {blocked = true, planned = true, cancelled = true}

--- Writes fields of a task, in Redis, in `task` and in an event, with its previous state as `was` if the state is written: so
--- readers of the log can count without knowing the task. Progress counts as reported: the sweep reports what others write there.
--- Afterwards `fields` is what was told: no long texts, which go into tasks:text:<id> (the end of a feedback stays, as `last`), and no empty
--- value of what was empty already.
local function write(task, fields, event)
	local id = task.id
	local was = task.was or ''
	local stored = type(task.stored) == 'table' and task.stored or nil
	local long = nil
	local progress = valueIn(fields, 'progress')
	if progress then
		put(fields, 'progressTold', progress)
	end
	if (valueIn(fields, 'session') or '') ~= '' and HAS_SESSION[task.stage] then
		put(fields, 'sessionOf', task.owner)
	end
	put(fields, 'updatedAt', nowText)
	--- The log may have told a progress that an outsider has emptied since.
	local mustTell = stored and stored.progressTold ~= ''
	local count = #fields
	local at = 0
	for index = 1, count, 2 do
		local name, value = fields[index], fields[index + 1]
		if LONG_FIELDS[name] then
			long = long or {}
			put(long, name, value)
			name = name == 'feedback' and 'last' or nil
			value = name and string.gsub(string.sub(value, -LAST_BYTES), '^[\128-\191]+', '')
		end
		if name then
			if value ~= '' or not stored or stored[name] ~= '' or mustTell and name == 'progress' then
				fields[at + 1], fields[at + 2] = name, value
				at = at + 2
				if stored then
					stored[name] = value
				end
			end
			if task[name] ~= value then
				task[name] = value
			end
		end
	end
	for index = count, at + 1, -1 do
		fields[index] = nil
	end
	if long then
		redis.call('HSET', key('tasks:text:' .. id), unpack(long))
	end
	local state = valueIn(fields, 'state')
	if state then
		event.was = was
		if was ~= state and COUNTED[was] then
			redis.call('HINCRBY', key('tasks:counts'), was, -1)
		end
		if was ~= state and COUNTED[state] then
			redis.call('HINCRBY', key('tasks:counts'), state, 1)
		end
		task.was = state
	end
	redis.call('HSET', taskKey(id), unpack(fields))
	return tell(event, 't', fields)
end

--- Shows a task's review state in reviews:<id>; for display only.
local function showReview(id, ...)
	softly('HSET', key('reviews:' .. id), 'at', nowText, ...)
end

--- Why a token may not write: 'gone' (no such task, or finished), 'stale' (superseded). Fenced on supersession, not on lapse: past its
--- deadline, a token that was not superseded is still accepted.
local function refusedToken(task, token)
	if not task or FINISHED[task.state] then
		return 'gone'
	end
	if task.state ~= 'leased' or token == '' or task.token ~= token then
		return 'stale'
	end
	return nil
end

return {
	read = read, isTaken = isTaken, FINISHED = FINISHED, isExternal = isExternal, forget = forget, HOMES = HOMES,
	HAS_SESSION = HAS_SESSION, isAuthor = isAuthor, write = write, showReview = showReview, refusedToken = refusedToken,
}
