--- checkpoint: stores a captured state, from which any later moment can be replayed.
--- Guarantees: refused if one as new exists, so only one of several rooms writes. Keeps those whose following entries all exist, at most
--- 32; drops the others in the same step. Every listed checkpoint can be replayed: an entry is only trimmed after its checkpoint is no
--- longer valid.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 version  of the format
---   4 interval entries between two checkpoints
---   5 from     stream id before the first page: folding starts after it
---   6 exact    stream id from which the state is exact
---   7 position of `from`
---   8 parts... compressed, at most 5000
---
--- Replies: 'ok' | 'early' | 'gone' (entries after `from` were trimmed)
---
--- uses: once, record

local op = ARGV[2]
local version = ARGV[3]
local interval = tonumber(ARGV[4])
local from = ARGV[5]
local exact = ARGV[6]
local position = tonumber(ARGV[7])
local parts = fieldsFrom(8)

local answered = once.answered(op)
if answered then
	return answered
end

local written, trimmed = record.positionOf()
if position < trimmed or position > written or #parts > 5000 then
	return {'gone'}
end
if not record.isWanted(position, written, trimmed, version, interval) then
	return {'early'}
end

--- A position beyond all written entries belongs to a log that is gone.
local function drop(ids)
	for _, id in ipairs(ids) do
		redis.call('UNLINK', key('checkpoint:' .. id))
		redis.call('ZREM', key('checkpoints'), id)
	end
end
drop(redis.call('ZRANGEBYSCORE', key('checkpoints'), '-inf', '(' .. digits(trimmed), 'LIMIT', 0, 100))
drop(redis.call('ZRANGEBYSCORE', key('checkpoints'), '(' .. digits(written), '+inf', 'LIMIT', 0, 100))
local kept = redis.call('ZCARD', key('checkpoints'))
if kept > 31 then
	drop(redis.call('ZRANGE', key('checkpoints'), 0, kept - 32))
end
local checkpoint = key('checkpoint:' .. from)
redis.call('UNLINK', checkpoint)
redis.call('HSET', checkpoint, 'version', version, 'exact', exact, 'position', digits(position))
for index, part in ipairs(parts) do
	redis.call('HSET', checkpoint, 'part:' .. index, part)
end
redis.call('ZADD', key('checkpoints'), position, from)
return once.remember('ok')
