--- join-merge-group: the merger of the queue's head also gets the entries behind it, to merge them in the same step.
--- Guarantees: the longest prefix of entries that wait to merge with exactly these candidates and ends with a candidate that passed its
--- tests; under the token of the head's lease, so that each is renewed, completed, released or reclaimed with it one by one. The agent stays
--- at the head. An agent never joins its own work.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 task      head of the merge queue
---   5 token
---   6 leaseMs
---   7 entries...   alternating task and candidate, in queue order; at most 100 tasks
---
--- Replies: 'ok' number of tasks now leased under the token | 'stale' | 'gone'
---
--- uses: lease, once, tasks

local op = ARGV[2]
local agent = ARGV[3]
local task = ARGV[4]
local token = ARGV[5]
local leaseMs = tonumber(ARGV[6])
local entries = fieldsFrom(7)

local answered = once.answered(op)
if answered then
	return answered
end

local head = tasks.read(task)
local refused = tasks.refusedToken(head, token)
if not refused and (head.stage ~= 'merge' or head.owner ~= agent) then
	refused = 'stale'
end
if refused then
	return {refused}
end
local found = {}
local last = 0
for index = 1, math.min(#entries, 200), 2 do
	local entry = lease.look(entries[index])
	if not entry or entry.stage ~= 'merge' or entry.candidate ~= entries[index + 1] or entry.candidate == '' then
		break
	end
	local isOurs = entry.state == 'leased' and entry.token == token
	if not isOurs and not lease.mayJoin(entry, agent) then
		break
	end
	found[#found + 1] = entry
	if entry.testedCommit == entry.candidate then
		last = #found
	end
end
for index = 1, last do
	local entry = found[index]
	if entry.state ~= 'leased' then
		local fields = lease.grant(entry, agent, token, leaseMs)
		put(fields, 'waitReason', '')
		emit('task_joined', entry.id, agent, task, tasks.write(entry, fields, {}), 'task:' .. entry.id .. ':leased')
	end
end
return once.remember('ok', digits(last))
