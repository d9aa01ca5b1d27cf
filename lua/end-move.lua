--- end-move: a move is over: its keys are gone from here, or it is called off and nothing has moved.
--- Guarantees: idempotent by nature (no op-id). What has moved may leave a note of where to, which keeps rooms from beginning anew here.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 id    of the move
---   3 how   'noted' (it moved, and that is noted), 'gone' (it moved), 'off' (nothing moved)
---
--- Replies: 'ok' | 'gone' (no such move)
---
--- flags: allow-oom

local id = ARGV[2]
local how = ARGV[3]

if redis.call('HGET', key('meta'), 'moving') ~= id then
	return {'gone'}
end
if how == 'noted' then
	redis.call('HSET', key('meta'), 'moved', id)
elseif how == 'gone' then
	redis.call('DEL', key('meta'))
else
	redis.call('HDEL', key('meta'), 'moving', 'movingTo', 'moved')
end
return {'ok'}
