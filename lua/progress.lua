--- progress: the holder writes fields of its task.
--- Guarantees: only the current token writes. Read-only stages keep no session.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 agent
---   5 token
---   6 text
---   7 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: once, tasks

local op = ARGV[2]
local task = ARGV[3]
local agent = ARGV[4]
local token = ARGV[5]
local text = ARGV[6]
local fields = fieldsFrom(7)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = tasks.refusedToken(before, token)
if refused then
	return {refused}
end
if not tasks.HAS_SESSION[before.stage] and valueIn(fields, 'session') then
	put(fields, 'session', before.session)
end
emit('task_progressed', task, agent, text, tasks.write(before, fields, {}), 'task:' .. task .. ':leased')
return once.remember('ok')
