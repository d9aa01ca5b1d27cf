--- drop-keys: removes keys of a namespace that has arrived elsewhere.
--- Guarantees: idempotent by nature (no op-id). Nothing is removed where no such move has begun; what says where it went stays until `end-move`.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 id       of the move
---   3 names... without the namespace
---
--- Replies: 'ok' | 'gone' (no such move)
---
--- flags: allow-oom

local id = ARGV[2]
local names = fieldsFrom(3)

if redis.call('HGET', key('meta'), 'moving') ~= id then
	return {'gone'}
end
for _, name in ipairs(names) do
	if name ~= 'meta' then
		redis.call('UNLINK', key(name))
	end
end
return {'ok'}
