--- A task from outside. Needs lib/task.

--- A new task of these texts (title, brief, needs, after, feature) and numbers (priority, attempts), and its fields. It stands in no place yet.
local function newTask(id, stage, role, origin, given)
	local task = {
		id = id, stage = stage, role = role, needs = given.needs, assigned = '', assignedRole = '', origin = origin, state = '', attempt = '0',
		failures = '0', owner = '', token = '', author = '', reviewer = '', fresh = '0', hold = '',
	}
	task.score = string.format('%.3f', tonumber(exactly) - given.priority * 60000)
	redis.call('ZADD', key('tasks:live'), exactly, id)
	return task, {
		'title', given.title, 'brief', given.brief, 'stage', stage, 'role', role, 'needs', given.needs, 'after', given.after,
		'feature', given.feature, 'priority', digits(given.priority), 'score', task.score, 'attempts', digits(given.attempts), 'origin', origin,
		'assigned', '', 'assignedRole', '', 'waits', '0', 'attempt', '0', 'failures', '0', 'rounds', '0', 'fresh', '0', 'owner', '', 'token', '',
		'createdAt', digits(now), 'stageAt', digits(now),
	}
end
