--- complete: a stage is done; the task goes to the next one, waits for a human, or is merged and unblocks its dependents.
--- Guarantees: only the current token in the stage it was claimed for; late ones count unless superseded. No author approves or merges
--- its task, and its reviewer does not merge it. A review pins its commit; a merge of another commit is refused, as is one that lacks a
--- required audit of that commit; so is a pull request of one. New work (develop, resolve, document) makes its agent an author and drops
--- earlier review and candidate. Every candidate is tested and scanned before it merges: `testedCommit` is the commit that passed,
--- `checked` the candidate in which the room found nothing that needs approval, `cleared` the commit that a human approved. A task that
--- needs a decision has no holder until then. Work on the branch of a feature moves it from the very commit that it was tested on. A plan
--- that is developed as it is starts like a new task. With `waits` the agent claims its next task, or waits for one, in the same step.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 agent
---   5 token
---   6 stage
---   7 next      a stage, merged, or needs-decision: it stays, with the fields decision and waitReason
---   8 nextRole
---   9 word      last part of the message on events:task_completed
---   10 counts   none, failures or rounds
---   11 delayMs
---   12 text
---   13 waits    '', or the agent's next claim: lease in ms, nonce and stages, with spaces
---   14 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'ok' id token leaseUntil of the agent's next task | 'stale' | 'gone' | 'refused' reason | 'failed'
---
--- flags: allow-oom
--- uses: agents, dependents, feature-branch, features, freed-paths, handing, lease, leave, once, queues, rate-limit-ends, rate-limits, stages, tasks, waiting

local op = ARGV[2]
local task = ARGV[3]
local agent = ARGV[4]
local token = ARGV[5]
local stage = ARGV[6]
local next = ARGV[7]
local nextRole = ARGV[8]
local word = ARGV[9]
local counts = ARGV[10]
local delayMs = tonumber(ARGV[11])
local text = ARGV[12]
local waits = ARGV[13]
local fields = fieldsFrom(14)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = tasks.refusedToken(before, token)
if not refused and before.stage ~= stage then
	refused = 'stale'
end
if refused then
	return {refused}
end
local owner = before.owner
local PASSES = {audit = true, test = true, merge = true, merged = true}
local isJudged = stage == 'review' or stage == 'audit'
local isApproval = isJudged and PASSES[next]
if isApproval and tasks.isAuthor(before, owner) then
	return {'refused', owner .. ' is an author of ' .. task .. ' and cannot approve it'}
end
if stage == 'test' and next == 'merge' then
	local candidate = valueIn(fields, 'candidate') or before.candidate
	if candidate ~= '' and (valueIn(fields, 'testedCommit') or '') == '' then
		return {'refused', 'the merge candidate of ' .. task .. ' was not tested'}
	end
	local isCleared = before.cleared ~= '' and before.cleared == before.commit
	if not isCleared and (valueIn(fields, 'checked') or before.checked) ~= candidate then
		return {'refused', 'the merge candidate of ' .. task .. ' was not scanned'}
	end
end
local isPull = next == 'needs-decision' and valueIn(fields, 'decision') == 'pull'
if next == 'merged' or isPull then
	if tasks.isAuthor(before, owner) then
		return {'refused', owner .. ' is an author of ' .. task .. ' and cannot merge it'}
	end
	if before.reviewer == owner then
		return {'refused', owner .. ' is the reviewer of ' .. task .. ' and cannot merge it'}
	end
	local commit = valueIn(fields, 'commit') or before.commit
	if before.audit == '1' and before.auditedCommit ~= commit then
		return {'refused', task .. ' needs a security review of ' .. commit}
	end
	if before.reviewedCommit ~= '' and commit ~= before.reviewedCommit then
		return {'refused', owner .. ' cannot merge ' .. commit .. ': the review of ' .. task .. ' approved ' .. before.reviewedCommit}
	end
end
--- Others whose work is on the branch of the feature that it joins.
local others = nil
if isPull and valueIn(fields, 'pullOf') == 'feature' then
	others = featureBranch.othersOf(before)
	local reason = featureBranch.refusal(before, others, before.candidateBase)
	if reason then
		return {'refused', reason}
	end
end

local function unless(name, value)
	if not valueIn(fields, name) then
		put(fields, name, value)
	end
end

if stages.WRITES[stage] then
	unless('author', owner)
	stages.addAuthor(before, valueIn(fields, 'author'), fields)
	if before.reviewer ~= '' or before.reviewedCommit ~= '' then
		unless('reviewer', '')
		unless('reviewedCommit', '')
	end
	if before.candidate ~= '' then
		for _, name in ipairs({'candidate', 'candidateBase', 'failedCandidate'}) do
			unless(name, '')
		end
	end
elseif isApproval then
	if stage == 'review' or before.reviewer == '' then
		unless('reviewer', owner)
	end
	unless('reviewedCommit', valueIn(fields, 'commit') or before.commit)
	if stage == 'audit' then
		put(fields, 'auditedCommit', before.commit)
	end
end
unless('reason', counts == 'none' and '' or text)
local event = {t = nil, a = nil, was = nil}
--- It may take its next task in this step.
agents.hold(owner)
local freed = leave.task(before, event)
local isProven = freed ~= nil and rateLimits.of(freed.account) ~= nil and rateLimitEnds.prove(freed)
leave.unowned(fields)
if next ~= 'needs-decision' then
	put(fields, 'waitReason', '')
end
put(fields, 'progress', '')
if counts == 'rounds' then
	put(fields, 'rounds', digits((tonumber(before.rounds) or 0) + 1))
end
--- A reviewer that is blocked has judged nothing.
local isBlocked = next == 'needs-decision' and valueIn(fields, 'decision') == 'blocked'
if stage == 'review' and not isBlocked then
	tasks.showReview(task, 'status', isApproval and 'approved' or 'changes-requested', 'reviewer', owner, 'commit', before.commit, 'verdict',
		isApproval and 'approve' or 'changes', 'comments', valueIn(fields, 'feedback') or '')
elseif next == 'review' or (stage == 'review' and isBlocked) then
	tasks.showReview(task, 'status', 'waiting', 'reviewer', '', 'commit', valueIn(fields, 'commit') or before.commit)
end
local failures = tonumber(before.failures) or 0
if counts == 'failures' then
	failures = failures + 1
	put(fields, 'failures', digits(failures))
end

local said = 'task:' .. task .. ':' .. word
if counts == 'failures' and failures >= (tonumber(before.attempts) or 3) then
	stages.finish(before, 'failed', 'tasks:failed', fields)
	features.countEnd(before, 'failed', event)
	emit('task_failed', task, owner, text, tasks.write(before, fields, event), 'task:' .. task .. ':failed')
	features.tellEnd(before)
	agents.settle(owner)
	freedPaths.serve()
	return once.remember('failed')
end
--- The agent's next task: assigned now, or once there is one.
local function goOn()
	if isProven then
		handing.serve()
	end
	freedPaths.serve()
	if waits == '' or not freed or freed.paused == '1' then
		agents.settle(owner)
		return once.remember('ok')
	end
	local leaseMs, nonce, wanted = string.match(waits, '^(%d+) (%S+) (%S*)$')
	local call = {leaseMs = tonumber(leaseMs), nonce = nonce, stages = wanted}
	if rateLimits.teamOrders().word == '' then
		local taken, leaseUntil, following = lease.take(freed, call, true)
		if taken then
			agents.settle(owner)
			return once.remember('ok', following.id, taken, leaseUntil)
		end
	end
	agents.settle(owner)
	waiting.join(freed, call)
	return once.remember('ok')
end

if next == 'merged' then
	stages.finish(before, 'merged', 'tasks:done', fields)
	if before.feature ~= '' then
		features.countEnd(before, 'merged', event)
	end
	emit('task_merged', task, owner, text, tasks.write(before, fields, event), said)
	redis.call('PUBLISH', key('events:task_completed'), said)
	if redis.call('EXISTS', key('tasks:after:' .. task)) == 1 then
		dependents.free(task, 100)
	end
	if before.feature ~= '' then
		features.tellEnd(before)
	end
	return goOn()
end
if next == 'needs-decision' then
	redis.call('ZADD', key('tasks:asking'), nowText, task)
	put(fields, 'waits', '0')
	put(fields, 'state', 'blocked')
	local kind = isPull and 'pull_request_opened' or 'task_needs_decision'
	emit(kind, task, owner, valueIn(fields, 'waitReason') or text, tasks.write(before, fields, event), said)
	if others then
		featureBranch.move(before, others, before.pullHead)
		dependents.freeSiblings(before)
	end
	return goOn()
end
stages.enter(before, next, nextRole, fields)
if stage == 'plan' and tasks.HOMES[next] and next ~= 'plan' then
	for _, name in ipairs({'failures', 'rounds', 'attempt'}) do
		put(fields, name, '0')
		before[name] = '0'
	end
	put(fields, 'firstRole', '')
end
queues.settle(before, delayMs, fields)
emit('task_completed', task, owner, text, tasks.write(before, fields, event), said)
handing.give(before)
return goOn()
