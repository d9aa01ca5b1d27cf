--- A lease that ended without success.
--- uses: agents, features, freed-paths, handing, leave, queues, stages, tasks

--- Returns a task from its lease to its stage. A first stage restarts (own worktree and branch: a zombie can never write into its
--- successor's tree); other stages keep the author's work. If its worktree stays, it is reserved for a while for the session's agent;
--- `free` is that agent if already removed. `counts`: one more failure, and the task fails once `attempts` are used up, or at once with
--- 'last': then returns true.
local function putBack(task, counts, delayMs, fields, event, free)
	local freed = leave.task(task, event) or free
	leave.unowned(fields)
	if not valueIn(fields, 'waitReason') then
		put(fields, 'waitReason', '')
	end
	--- Saved work continues in the successor's worktree.
	if stages.WRITES[task.stage] and (valueIn(fields, 'commit') or '') ~= '' then
		stages.addAuthor(task, task.owner, fields)
	end
	local failures = tonumber(task.failures) or 0
	if counts then
		failures = failures + 1
		put(fields, 'failures', digits(failures))
	end
	if tasks.HOMES[task.stage] and not valueIn(fields, 'fresh') then
		put(fields, 'fresh', '1')
	end
	if counts == 'last' or (counts and failures >= (tonumber(task.attempts) or 3)) then
		stages.finish(task, 'failed', 'tasks:failed', fields)
		features.countEnd(task, 'failed', event)
		return true
	end
	local session = valueIn(fields, 'session') or task.session
	if session ~= '' and freed and tasks.HAS_SESSION[task.stage] and valueIn(fields, 'fresh') ~= '1' then
		put(fields, 'prefers', freed.id)
		task.prefers = freed.id
		agents.write(freed, {'resumes', task.id}, event)
	end
	queues.settle(task, delayMs, fields)
	return false
end

--- Ends a lease without success, with an event `kind` or the task's failure, and assigns what it freed. Returns 'ok' or 'failed'.
local function endLease(task, counts, delayMs, reason, fields, kind)
	local event = {}
	local owner = task.owner
	local hasFailed = putBack(task, counts, delayMs, fields, event)
	local written = tasks.write(task, fields, event)
	emit(hasFailed and 'task_failed' or kind, task.id, owner, reason, written, 'task:' .. task.id .. ':' .. task.state)
	if hasFailed then
		features.tellEnd(task)
	else
		handing.give(task)
	end
	freedPaths.serve()
	return hasFailed and 'failed' or 'ok'
end

return {putBack = putBack, endLease = endLease}
