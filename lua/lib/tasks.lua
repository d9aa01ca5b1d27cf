--- Tasks: where one is, and moving it.
--- Guarantees: at every script boundary a task stands in exactly the place that its `state` names: `ready` in one priority set,
--- `delayed` in tasks:delayed, `leased` in leases, `dead` in tasks:dead, `merged`, `planned` and `cancelled` in tasks:done, `blocked` in
--- tasks:asking where it waits for a person and in none where it waits for others. Unfinished ones are in tasks:live besides. tasks:counts
--- counts what has no index of its own (blocked, planned, cancelled), in the same step.

local BLANK = {__index = function()
	return ''
end}

--- The score of a task as a number; where somebody wrote something else there, it is as if it were made now.
local function scoreOf(text)
	local score = tonumber(text)
	return score and score == score and text or digits(now)
end

--- A task's status hash by name, missing fields ''; nil where there is no such task. All of it: of a hash this small that costs less than
--- some of its fields by name.
local function read(id)
	local flat = softly('HGETALL', taskKey(id)) or {}
	local task = {}
	for index = 1, #flat, 2 do
		task[flat[index]] = flat[index + 1]
	end
	if not task.state or not task.score then
		return nil
	end
	task.id = id
	--- What stands in Redis, whatever a script makes of `state` meanwhile.
	task.was = task.state
	task.score = scoreOf(task.score)
	return setmetatable(task, BLANK)
end

--- Whether an id can be given to no new task: one has it, or its key is something else.
local function isTaken(id)
	return softly('HEXISTS', taskKey(id), 'state') ~= 0
end

local FINISHED = {merged = true, planned = true, failed = true, cancelled = true}

--- A lease of an outsider's: its token was made here and told to nobody.
local function isExternal(token)
	return string.find(token, ':external', 1, true) ~= nil
end

--- Takes out of the indexes what is no task any more: somebody deleted its key, or made something else of it.
local function forget(id)
	for _, index in ipairs({'tasks:live', 'tasks:delayed', 'tasks:asking', 'leases'}) do
		redis.call('ZREM', key(index), id)
	end
end

--- Stages that begin a piece of work, where it goes back to; and those in which somebody writes.
local HOMES = {plan = true, develop = true, document = true}
--- Stages whose session can be gone on with. A review keeps none: the author's must still be there when it comes back with changes.
local HAS_SESSION = {plan = true, develop = true, resolve = true, document = true}

--- Whether an agent wrote into a task: it can neither review, nor audit, nor merge it.
local function isAuthor(task, agent)
	return task.author == agent or string.find(',' .. task.authors .. ',', ',' .. agent .. ',', 1, true) ~= nil
end

--- Texts that may be long (200 KB) are no part of the status hash: whoever reads many tasks never reads them, and the record has none.
local LONG_FIELDS = {description = true, acceptance = true, feedback = true, handoff = true, proposal = true, reviews = true, comments = true}
--- Bytes of a feedback's end that the status hash keeps for the screen.
local LAST_BYTES = 600

--- Moves long texts from `fields` into tasks:text:<id>; of a feedback the end stays, as `last`.
local function putAside(id, fields)
	local long = {}
	for index = #fields - 1, 1, -2 do
		local name = fields[index]
		if LONG_FIELDS[name] then
			local text = fields[index + 1]
			put(long, name, text)
			if name == 'feedback' then
				fields[index] = 'last'
				fields[index + 1] = string.gsub(string.sub(text, -LAST_BYTES), '^[\128-\191]+', '')
			else
				table.remove(fields, index)
				table.remove(fields, index)
			end
		end
	end
	if #long > 0 then
		redis.call('HSET', key('tasks:text:' .. id), unpack(long))
	end
end

--- States without an index of their own, counted.
local COUNTED = {blocked = true, planned = true, cancelled = true}

--- Writes fields of a task, in Redis and in `task` itself, and the same into an event's list, with the state that it had before as `was`
--- where the state is written: whoever follows the record counts right without knowing the task. Progress is noted as told: the sweep
--- tells what anybody else writes there.
local function write(task, fields, event)
	local id = task.id
	local progress = valueIn(fields, 'progress')
	if progress then
		put(fields, 'progressTold', progress)
	end
	if (valueIn(fields, 'session') or '') ~= '' and HAS_SESSION[task.stage] then
		put(fields, 'sessionOf', task.owner)
	end
	put(fields, 'updatedAt', digits(now))
	putAside(id, fields)
	local was = task.was or ''
	for index = 1, #fields, 2 do
		task[fields[index]] = fields[index + 1]
	end
	local state = valueIn(fields, 'state')
	if state then
		put(event, 'was', was)
		if was ~= state and COUNTED[was] then
			redis.call('HINCRBY', key('tasks:counts'), was, -1)
		end
		if was ~= state and COUNTED[state] then
			redis.call('HINCRBY', key('tasks:counts'), state, 1)
		end
		task.was = state
	end
	redis.call('HSET', taskKey(id), unpack(fields))
	return prefixed(event, 't:', fields)
end

--- Shows where the review of a task stands, in reviews:<id>; nothing is decided by it.
local function showReview(id, ...)
	softly('HSET', key('reviews:' .. id), 'at', digits(now), ...)
end

--- Why a token may not write: 'gone' (no such task, or finished), 'stale' (superseded). Fenced on supersession, not on lapse: past
--- its deadline, a token that nobody superseded is still accepted.
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
	BLANK = BLANK, read = read, isTaken = isTaken, FINISHED = FINISHED, isExternal = isExternal, forget = forget, HOMES = HOMES,
	HAS_SESSION = HAS_SESSION, isAuthor = isAuthor, write = write, showReview = showReview, refusedToken = refusedToken,
}
