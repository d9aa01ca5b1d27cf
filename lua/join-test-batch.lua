--- join-test-batch: entries of the merge queue that wait are tested together with the first one, in one run.
--- Guarantees: the longest prefix of entries that wait for their tests with exactly this work; each with its candidate, under the token of
--- the first one's lease, so that each is renewed, completed, released or reclaimed with it one by one. The first one's candidate becomes
--- known in the same step: nobody builds on it in between. The agent stays at the first one.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 task      first of the batch
---   5 token
---   6 leaseMs
---   7 candidate      of the first
---   8 candidateBase
---   9 entries...   task, its work, its candidate and what that is based on, in queue order; at most 50 tasks
---
--- Replies: 'ok' number of tasks now leased under the token besides the first | 'stale' | 'gone'
---
--- uses: lease, once, tasks

local op = ARGV[2]
local agent = ARGV[3]
local task = ARGV[4]
local token = ARGV[5]
local leaseMs = tonumber(ARGV[6])
local candidate = ARGV[7]
local candidateBase = ARGV[8]
local entries = fieldsFrom(9)

local answered = once.answered(op)
if answered then
	return answered
end

local head = tasks.read(task)
local refused = tasks.refusedToken(head, token)
if not refused and (head.stage ~= 'test' or head.owner ~= agent) then
	refused = 'stale'
end
if refused then
	return {refused}
end
local found = {}
for index = 1, math.min(#entries, 200), 4 do
	local entry = lease.look(entries[index])
	if not entry or entry.id == task or entry.stage ~= 'test' or entry.commit ~= entries[index + 1] then
		break
	end
	local isOurs = entry.state == 'leased' and entry.token == token
	if not isOurs and not lease.mayJoin(entry, agent) then
		break
	end
	found[#found + 1] = {entry = entry, isOurs = isOurs, candidate = entries[index + 2], candidateBase = entries[index + 3]}
end

local batch = #found > 0 and digits(#found + 1) or '0'
local function known(fields, built, base)
	for _, pair in ipairs({{'candidate', built}, {'candidateBase', base}, {'checked', built}, {'failedCandidate', ''}, {'waitReason', ''}, {'batch', batch}}) do
		put(fields, pair[1], pair[2])
	end
	return fields
end

emit('task_progressed', task, agent, '', tasks.write(head, known({}, candidate, candidateBase), {}), 'task:' .. task .. ':leased')
for _, one in ipairs(found) do
	local entry = one.entry
	local fields = known(one.isOurs and {} or lease.grant(entry, agent, token, leaseMs), one.candidate, one.candidateBase)
	emit('task_batched', entry.id, agent, task, tasks.write(entry, fields, {}), 'task:' .. entry.id .. ':leased')
end
return once.remember('ok', digits(#found))
