--- type-pane: keys of a person at one room, for the pane of another room's agent.
--- Guarantees: taken only from a room that watches that pane now. Keys of a room have numbers that grow: one that was taken is not taken again,
--- however often it is sent. What nobody fetches is gone after a minute, and there are never more than 200 that wait.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 agent
---   3 room     the life that they come from
---   4 number
---   5 person
---   6 run      which program they were typed to
---   7 seen     number of the frame that stood on the screen
---   8 keys
---
--- Replies: 'ok' | 'unwatched' | 'silent' (what was typed before is not fetched) | 'full' | 'gone' (no such agent, or its room does not beat)
---
--- uses: panes

local agent = ARGV[2]
local room = ARGV[3]
local number = tonumber(ARGV[4])
local person = ARGV[5]
local run = ARGV[6]
local seen = ARGV[7]
local keys = ARGV[8]

local MINUTE_MS = 60000
local SILENT_MS = 3000
local owner = panes.ownerOf(agent)
if not owner then
	return {'gone'}
end
local ends = redis.call('ZSCORE', panes.watchersKey(agent), room)
if not ends or tonumber(ends) <= now then
	return {'unwatched'}
end
local typed = panes.typedKey(owner)
redis.call('PUBLISH', panes.channelOf(owner), 'typed')
local oldest = redis.call('XRANGE', typed, '-', '+', 'COUNT', 1)[1]
if oldest and now - tonumber(string.match(oldest[1], '^%d+')) > SILENT_MS then
	return {'silent'}
end
local last = key('panes:numbers')
if number > tonumber(redis.call('HGET', last, room) or '0') then
	if redis.call('XLEN', typed) >= 200 then
		return {'full'}
	end
	redis.call('HSET', last, room, digits(number))
	redis.call('PEXPIRE', last, MINUTE_MS)
	redis.call('XADD', typed, '*', 'agent', agent, 'room', room, 'person', person, 'run', run, 'seen', seen, 'number', digits(number), 'keys', keys)
	redis.call('PEXPIRE', typed, MINUTE_MS)
end
return {'ok'}
