--- accept-epoch: the data of this Redis are accepted after it lost something: by a human, or since all of it is known.
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
---   6 why      what has happened to the data
---   7 isHealed 1 where nobody had to decide: what was frozen by a person stays so
---
--- Replies: 'ok' epoch nonce
---
--- uses: once

local op = ARGV[2]
local epoch = tonumber(ARGV[3])
local nonce = ARGV[4]
local fresh = ARGV[5]
local why = ARGV[6]
local isHealed = ARGV[7]

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
for _, room in ipairs(redis.call('SMEMBERS', key('testimonies'))) do
	redis.call('DEL', key('testimony:' .. room))
end
redis.call('DEL', key('testimonies'))
--- Lifted by whoever accepts, or by the next start: what a person has frozen before is not.
local wasFrozen = isHealed == '1' and redis.call('HGET', key('meta'), 'frozenBefore') == '1'
local frozen = {'recovery', '', 'frozenWhy', wasFrozen and '' or 'rebuild'}
redis.call('HDEL', key('meta'), 'rebuild', 'frozenBefore')
redis.call('HSET', key('control'), unpack(frozen))
emit('control_changed', '', '', why, tell({}, 'c', frozen), 'control:recovery:0')
return once.remember('ok', next, fresh)
