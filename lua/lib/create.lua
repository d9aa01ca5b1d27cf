--- New tasks.

--- Drops empty fields: missing ones read as '' or 0. They would be a third of a long queue's memory.
local function telling(fields)
	local kept = {}
	for index = 1, #fields, 2 do
		local value = fields[index + 1]
		if fields[index] == 'priority' or (value ~= '' and value ~= '0') then
			put(kept, fields[index], value)
		end
	end
	return kept
end

--- First stages' roles; a task that starts with another has it as its `firstRole`.
local HOME_ROLES = {plan = 'orchestrator', develop = 'developer', document = 'documentation-writer'}

--- The feature of a task: for a plan without one, its own id.
local function featureOf(task)
	return task.feature == '' and task.stage == 'plan' and task.id or task.feature
end

--- A new task of these texts (id, title, description, acceptance, stage, role, needs, after, feature, assigned, paths, audit, model, permissions, adopts, startsAt, origin) and
--- numbers (priority, attempts, waits), and its fields. `createdAt` is exact. It is only in tasks:live so far.
local function newTask(given, createdAt)
	local feature = featureOf(given)
	local firstRole = HOME_ROLES[given.stage] ~= given.role and given.role or ''
	local firstStage = given.stage ~= 'develop' and given.stage or ''
	local task = {
		id = given.id, stage = given.stage, role = given.role, needs = given.needs, assigned = given.assigned, feature = feature,
		paths = given.paths, origin = given.origin, state = '', attempt = '0', failures = '0', owner = '', token = '', author = '', authors = '',
		reviewer = '', commit = '', fresh = '0', waitReason = '', firstStage = firstStage, firstRole = firstRole, decision = '', candidate = '',
		assignedRole = given.assigned ~= '' and given.role or '',
		score = string.format('%.3f', createdAt - given.priority * 60000),
	}
	setmetatable(task, BLANK)
	task.createdAt = string.format('%.3f', createdAt)
	redis.call('ZADD', key('tasks:live'), task.createdAt, task.id)
	return task, telling({
		'title', given.title, 'description', given.description, 'acceptance', given.acceptance or '', 'stage', task.stage, 'firstStage', firstStage, 'firstRole', firstRole,
		'role', task.role, 'needs', task.needs, 'after', given.after, 'feature', feature, 'priority', digits(given.priority), 'score', task.score,
		'attempts', digits(given.attempts), 'origin', task.origin, 'assigned', task.assigned, 'assignedRole', task.assignedRole,
		'paths', task.paths, 'audit', given.audit or '', 'model', given.model or '', 'permissions', given.permissions or '', 'adopts', given.adopts or '', 'startsAt', given.startsAt or '', 'waits', digits(given.waits), 'attempt', '0', 'failures', '0', 'rounds', '0',
		'fresh', '0', 'owner', '', 'token', '', 'createdAt', nowText, 'stageAt', nowText,
	})
end

return {featureOf = featureOf, task = newTask}
