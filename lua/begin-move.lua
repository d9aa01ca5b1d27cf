--- begin-move: this namespace is about to be moved to another Redis; from here on no room joins it.
--- Guarantees: idempotent by nature (no op-id): asked again, it answers with the id that the move began with. Nothing is written where a task is
--- leased, or where another room is, or was lately, in the team: the queue is theirs too.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 room    that moves it (`room:<id>`)
---   3 id      of the move
---   4 to      where to, in words
---
--- Replies: 'ok' id | 'elsewhere' to (a move to another place has begun) | 'rooms' host | 'leased' ids...
---
--- uses: rooms

local room = ARGV[2]
local id = ARGV[3]
local to = ARGV[4]

needsRecord()
local before = redis.call('HMGET', key('meta'), 'moving', 'movingTo')
if before[1] and before[1] ~= '' then
	if before[2] ~= to then
		return {'elsewhere', before[2] or ''}
	end
	return {'ok', before[1]}
end
for _, other in ipairs(redis.call('SMEMBERS', key('rooms:joined'))) do
	if other ~= room then
		local card = rooms.read(other, 'host')
		return {'rooms', card and card.host or ''}
	end
end
local leased = redis.call('ZRANGE', key('leases'), 0, 4)
if leased[1] then
	return {'leased', unpack(leased)}
end
redis.call('HSET', key('meta'), 'moving', id, 'movingTo', to)
return {'ok', id}
