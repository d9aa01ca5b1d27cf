--- claim: gives an agent the best ready task that its role and capabilities cover.
--- Guarantees: one holder; a token never issued before (a growing number and the caller's nonce, so that even after a rolled-back counter
--- no two are equal); queue, lease, lock, task, agent, registry and record change together. Author, reviewer and merger differ: a review
--- never goes to the author, a merge to neither. At most 32 candidates are looked at. A lock that an outsider holds on a task keeps it from us.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 room
---   5 leaseMs
---   6 nonce
---   7 stages    with commas; others are left in their queues
---
--- Replies: 'ok' id token leaseUntil {field, value, ...} | 'none' | 'paused' | 'drained' | 'frozen' | 'busy' | 'unregistered'

--- include: lib/base
local op = ARGV[2]
local agent = ARGV[3]
local room = ARGV[4]
local leaseMs = tonumber(ARGV[5])
local nonce = ARGV[6]
local stages = ARGV[7]
--- include: lib/once
--- include: lib/agent
--- include: lib/task
--- include: lib/claimable

local member = redis.call('HMGET', agentKey(agent), 'role', 'capabilities', 'token', 'paused', 'room')
if not member[1] or member[5] ~= room then
	return {'unregistered'}
end
local orders = redis.call('HMGET', key('control'), 'frozen', 'paused', 'drained')
if orders[1] == '1' then
	return {'frozen'}
end
if orders[2] == '1' or member[4] == '1' then
	return {'paused'}
end
if (member[3] or '') ~= '' then
	return {'busy'}
end
--- A drain begins nothing new; what was begun is developed to its end, reviewed, tested and merged.
local BEGINS = {plan = true, develop = true, document = true}
local isDrained = orders[3] == '1'
local function isNew(task)
	return BEGINS[task.stage] and (tonumber(task.attempt) or 0) == 0
end
local wanted = {}
for stage in string.gmatch(stages, '[^,]+') do
	wanted[stage] = true
end
local capabilities = {}
for name in string.gmatch(member[2] or '', '[^,]+') do
	capabilities[name] = true
end

local function isOwnWork(task)
	if task.stage == 'review' or task.stage == 'audit' then
		return task.author == agent
	end
	return task.stage == 'merge' and (task.author == agent or task.reviewer == agent)
end

local found = heads(agent, member[1], capabilities)
local wasHeldBack = false
local task = nil
local token = nil
for _ = 1, 32 do
	local head = least(found)
	if not head then
		break
	end
	local candidate = readTask(head.id)
	if candidate and wanted[candidate.stage] and isDrained and isNew(candidate) then
		wasHeldBack = true
	elseif candidate and candidate.state == 'ready' and wanted[candidate.stage] and not isOwnWork(candidate)
		and redis.call('EXISTS', key('locks:task:' .. head.id)) == 0 then
		task = candidate
		break
	end
	step(head)
end
if not task then
	return {wasHeldBack and 'drained' or 'none'}
end

local id = task.id
token = digits(redis.call('INCR', key('fencing'))) .. ':' .. nonce
local leaseUntil = now + leaseMs
leave(task, {})
redis.call('ZADD', key('leases'), leaseUntil, id)
redis.call('SET', key('locks:task:' .. id), agent .. ' ' .. token, 'PX', leaseMs)
local fields = {'state', 'leased', 'owner', agent, 'token', token, 'leaseUntil', digits(leaseUntil), 'progress', ''}
if task.stage == 'develop' and (task.attempt == '0' or task.attempt == '' or task.fresh == '1') then
	put(fields, 'attempt', digits((tonumber(task.attempt) or 0) + 1))
	put(fields, 'fresh', '0')
	put(fields, 'branch', '')
	put(fields, 'worktree', '')
end
local event = writeTask(id, fields, {})
writeAgent(agent, {'status', 'working', 'task', id, 'stage', task.stage, 'token', token, 'reason', '', 'statusAt', digits(now)}, event)
emit('task_claimed', id, agent, task.stage, event, 'task:' .. id .. ':leased')
remember('ok', id, token, digits(leaseUntil))
return {'ok', id, token, digits(leaseUntil), wholeTask(id)}
