--- accept-epoch: a human accepts the data of this Redis after it lost something.
--- Guarantees: a new and higher epoch with its own nonce, so that every room checks again what it holds. The freeze stays, with
--- its reason: the accepting room lifts it by `control` once its agents have joined again, or the next start if that room is killed before.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 epoch    remembered by the accepting room
---   4 nonce    remembered, '' for none: rooms that remember the same accept with it
---   5 fresh    for the new epoch
---
--- Replies: 'ok' epoch nonce
---
--- uses: once

local op = ARGV[2]
local epoch = tonumber(ARGV[3])
local nonce = ARGV[4]
local fresh = ARGV[5]

local answered = once.answered(op)
if answered then
	return answered
end

local here = redis.call('HMGET', key('meta'), 'epoch', 'nonce')
local next = digits(math.max(tonumber(here[1] or '0') or 0, epoch) + 1)
local fields = {'epoch', next, 'nonce', fresh}
for _, old in ipairs({nonce, here[2] or ''}) do
	if old ~= '' then
		put(fields, 'accepted:' .. old, next)
	end
end
redis.call('HSET', key('meta'), unpack(fields))
redis.call('HDEL', key('meta'), 'rebuild')
redis.call('HSET', key('control'), 'recovery', '', 'frozenWhy', 'rebuild')
emit('control_changed', '', '', 'the data in Redis was accepted by you', {'c:recovery', '', 'c:frozenWhy', 'rebuild'}, 'control:recovery:0')
return once.remember('ok', next, fresh)
