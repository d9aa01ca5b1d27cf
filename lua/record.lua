--- record: the range of the event log that can be replayed, and its checkpoints.
--- Guarantees: reads only; all entries after every returned checkpoint still exist.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---
--- Replies: now written trimmed firstId lastId ('' and 0-0 without entries) {from, exact, version of every checkpoint, oldest first, ...}
---
--- flags: no-writes
--- uses: record

local written, trimmed, last = record.positionOf()
local first = redis.call('XRANGE', key('events'), '-', '+', 'COUNT', 1)
local checkpoints = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('checkpoints'), digits(trimmed), digits(written), 'LIMIT', 0, 32)) do
	local known = redis.call('HMGET', key('checkpoint:' .. id), 'exact', 'version')
	if known[1] then
		put(checkpoints, id, known[1])
		checkpoints[#checkpoints + 1] = known[2] or ''
	end
end
return {nowText, digits(written), digits(trimmed), first[1] and first[1][1] or '', last, checkpoints}
