--- check-epoch: compares this Redis with what a room remembers, before the room claims anything.
--- Guarantees: idempotent by nature (no op-id): the first room of a new Redis creates its epoch, all others read it. A Redis that lost what
--- the room has seen is frozen in the same step, for every room, until a human accepts it; a finding stays. What a human accepted for one
--- room is not reported again by another that remembers the same. An event log trimmed beyond what the room has seen proves nothing.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 epoch    remembered, 0 for none
---   3 nonce    remembered, '' for none
---   4 streamId newest entry that the room has seen, 0-0 for none
---   5 hasTasks 1 if the room knows any task: a team without tasks lost nothing
---   6 fresh    nonce for a new epoch
---
--- Replies: 'ok' epoch nonce newest entry, 1 if there is any task | 'lost' finding
---
--- Is in no library: a server that refuses writes, on a full disk or as a replica, does not begin a function that may write, though it only reads.
--- uses: stream-ids

local epoch = tonumber(ARGV[2])
local nonce = ARGV[3]
local streamId = ARGV[4]
local hasTasks = ARGV[5]
local fresh = ARGV[6]

local FINDINGS = {
	empty = 'Redis came back empty',
	other = 'This is a different Redis than before',
	older = 'Redis came back with older data',
}

--- Whether the event log lacks entries up to the seen one, with older ones present or none at all.
local function isOlder()
	if streamId == '0-0' or redis.call('XRANGE', key('events'), streamId, streamId)[1] then
		return false
	end
	local oldest = redis.call('XRANGE', key('events'), '-', '+', 'COUNT', 1)[1]
	return not oldest or not streamIds.isAfter(oldest[1], streamId)
end

local here = redis.call('HMGET', key('meta'), 'epoch', 'nonce')
local found = redis.call('HGET', key('control'), 'recovery') or ''
if found ~= '' then
	return {'lost', found}
end
local finding = nil
if nonce ~= '' and hasTasks == '1' then
	if not here[2] then
		finding = FINDINGS.empty
	elseif here[2] ~= nonce then
		finding = redis.call('HEXISTS', key('meta'), 'accepted:' .. nonce) == 0 and FINDINGS.other or nil
	elseif isOlder() then
		finding = FINDINGS.older
	end
end
if finding then
	local before = redis.call('HMGET', key('control'), 'frozen', 'frozenWhy')
	redis.call('HSET', key('meta'), 'frozenBefore', before[1] == '1' and before[2] ~= 'rebuild' and '1' or '')
	local fields = {'frozen', '1', 'recovery', finding}
	redis.call('HSET', key('control'), unpack(fields))
	emit('control_changed', '', '', finding .. ': no tasks are assigned until you decide', tell({}, 'c', fields), 'control:recovery:1')
	return {'lost', finding}
end
if not here[2] then
	here = {digits(epoch + 1), fresh}
	redis.call('HSET', key('meta'), 'epoch', here[1], 'nonce', here[2])
end
local newest = redis.call('XREVRANGE', key('events'), '+', '-', 'COUNT', 1)[1]
local tasks = redis.call('EXISTS', key('tasks:live'), key('tasks:done'), key('tasks:failed'))
return {'ok', here[1] or '1', here[2], newest and newest[1] or '0-0', tasks > 0 and '1' or '0'}
