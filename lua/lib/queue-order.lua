--- The order of waiting tasks.
--- Guarantees: a task that is leased, needs a decision or has ended is never touched; the score in the queue is the task's own.
--- uses: queues, tasks

local QUEUED = {ready = true, delayed = true, blocked = true}

--- Why a task cannot be reordered, as a word; nil if it can.
local function unmovable(task)
	if not task or tasks.FINISHED[task.state] then
		return 'gone'
	end
	if task.state == 'leased' then
		return 'leased'
	end
	return (not QUEUED[task.state] or task.decision ~= '') and 'needs-decision' or nil
end

--- Gives a task this score, with an event. Its creation time, which orders pages of a snapshot, is separate.
local function setScore(task, score, fields, kind, text)
	if task.madeAt == '' then
		put(fields, 'madeAt', string.format('%.3f', tonumber(task.score) + (tonumber(task.priority) or 0) * 60000))
	end
	put(fields, 'score', score)
	if task.state == 'ready' then
		redis.call('ZADD', queues.of(task), 'XX', score, task.id)
	end
	emit(kind, task.id, '', text, tasks.write(task, fields, {}), 'task:' .. task.id .. ':' .. task.state)
end

return {unmovable = unmovable, setScore = setScore}
