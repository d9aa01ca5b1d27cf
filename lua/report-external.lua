--- report-external: an external worker locked a task, or published a word about it.
--- Guarantees: only a task leased to an external worker, or one that no agent of ours has and whose lock an external worker holds: it is
--- leased to that one first, and created if its entry was taken before we saw it. The word is stored in the field `status`, as HSET would.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 word      '' for none
---   5 attempts
---
--- Replies: 'ok' | 'ignored'
---
--- uses: create, external, leave, once, tasks

local op = ARGV[2]
local task = ARGV[3]
local word = ARGV[4]
local attempts = tonumber(ARGV[5])

local answered = once.answered(op)
if answered then
	return answered
end

local known = tasks.read(task)
local holder = external.lockOf(task)
if not known and holder and not tasks.isTaken(task) then
	local title = string.gsub(task, '-', ' ')
	local made, fields = create.task({
		id = task, title = title, description = '', stage = 'develop', role = 'developer', needs = '', after = '', feature = '', assigned = '', paths = '',
		origin = 'external', priority = 50, attempts = attempts, waits = 0,
	}, tonumber(exactly()))
	put(fields, 'state', 'leased')
	emit('task_submitted', task, '', title, tasks.write(made, fields, {}), 'task:' .. task .. ':leased')
	external.lease(made, holder)
elseif known and holder and known.stage == 'develop' and known.assigned == ''
	and (known.state == 'ready' or (known.state == 'delayed' and redis.call('ZSCORE', key('tasks:taken'), task))) then
	leave.task(known, {})
	external.lease(known, holder)
end
known = tasks.read(task)
if not known or known.state ~= 'leased' or not tasks.isExternal(known.token) then
	return {'ignored'}
end
if word ~= '' and redis.call('HGET', taskKey(task), 'status') ~= word then
	redis.call('HSET', taskKey(task), 'status', word)
	emit('task_progressed', task, known.owner, 'says ' .. word, {}, 'task:' .. task .. ':leased')
end
return once.remember('ok')
