--- testify: a room tells what it knows of data that Redis lost, in batches.
--- Guarantees: only while the loss is undecided. The first batch replaces what the room has told before. What is told decides nothing: it is
--- compared with what the other rooms tell, and goes with the acceptance of the data.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 room     what all its lives have in common
---   4 isFirst  1 for its first batch
---   5 rows...  alternating names and JSON texts: `head`, `task ID`, `feature ID`, `saved ID`
---
--- Replies: 'ok' | 'over' (nothing is undecided)
---
--- uses: once

local op = ARGV[2]
local room = ARGV[3]
local isFirst = ARGV[4]
local rows = fieldsFrom(5)

local answered = once.answered(op)
if answered then
	return answered
end
if (redis.call('HGET', key('control'), 'recovery') or '') == '' then
	return {'over'}
end
local told = key('testimony:' .. room)
if isFirst == '1' then
	redis.call('DEL', told)
	redis.call('SADD', key('testimonies'), room)
end
redis.call('HSET', told, unpack(rows))
return once.remember('ok')
