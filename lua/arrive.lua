--- arrive: a namespace that was moved here counts from now on, as a whole.
--- Guarantees: idempotent by nature (no op-id): one step for all keys, and asked again it changes nothing. A namespace that somebody works in since is
--- left alone. The data keep their epoch: who worked with them before finds them again.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 id       of the move
---   3 merge    push or local
---   4 room     that moves it (`room:<id>`)
---   5 text     for the event log
---
--- Replies: 'ok' | 'taken'
---
--- uses: moved

local id = ARGV[2]
local merge = ARGV[3]
local room = ARGV[4]
local text = ARGV[5]

if moved.arrived() == id then
	return {'ok'}
end
if moved.isInUse() then
	return {'taken'}
end
local repository = redis.call('HGET', key('meta'), 'repository')
for _, name in ipairs(redis.call('SMEMBERS', key('arriving:names'))) do
	redis.call('RENAME', moved.stagedKey(name), key(name))
end
redis.call('DEL', key('arriving:names'))
redis.call('HDEL', key('meta'), 'moving', 'movingTo', 'moved')
redis.call('HSET', key('meta'), 'arrived', id, 'merge', merge, 'mergeRoom', room, 'repository', repository or '')
emit('queue_moved', '', '', text, {}, 'queue:moved')
return {'ok'}
