--- snapshot: the whole state at one stream id; unfinished tasks in pages of 500 beyond the first.
--- Guarantees: reads only. A call with an empty cursor that answers an empty cursor is the state at that very id. With more pages, every entry
--- after the id carries absolute values, so that folding them over what the pages read ends in the state at the last one. Finished tasks
--- come with the last page: none is missed by finishing in between.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 cursor    '' for the first page, then what the last page answered
---   3 eventCount newest entries of the record to give
---
--- Replies: now streamId {control} {agent, {fields}, beat, ...} {lock name, owner, until, takenAt, ...} {events, newest first}
---   {task, {fields}, ...} cursor ('' at the end)

--- include: lib/base
local cursor = ARGV[2]
local eventCount = tonumber(ARGV[3])
--- include: lib/agent
--- include: lib/task

local tasks = {}
local function read(ids)
	for _, id in ipairs(ids) do
		tasks[#tasks + 1] = id
		tasks[#tasks + 1] = redis.call('HGETALL', taskKey(id))
	end
end

local page = redis.call('ZRANGEBYSCORE', key('tasks:live'), cursor == '' and '-inf' or '(' .. cursor, '+inf', 'WITHSCORES', 'LIMIT', 0, 500)
local ids = {}
for index = 1, #page, 2 do
	ids[#ids + 1] = page[index]
end
read(ids)
local nextCursor = ''
if #ids == 500 then
	nextCursor = page[#page]
else
	read(redis.call('ZREVRANGE', key('tasks:done'), 0, 99))
	read(redis.call('ZREVRANGE', key('tasks:dead'), 0, 99))
end
if cursor ~= '' then
	return {digits(now), '', {}, {}, {}, {}, tasks, nextCursor}
end

local agents = {}
for _, agent in ipairs(redis.call('ZRANGE', key('agents:index'), 0, -1)) do
	local beat = redis.call('GET', key('heartbeat:' .. agent))
	agents[#agents + 1] = agent
	agents[#agents + 1] = redis.call('HGETALL', agentKey(agent))
	agents[#agents + 1] = beat and string.match(beat, '^%d+$') or '0'
end
local locks = {}
for _, name in ipairs(redis.call('ZRANGE', key('locks:index'), 0, 199)) do
	local owner = redis.call('HGET', key('locks:owner'), name)
	if owner then
		locks[#locks + 1] = name
		locks[#locks + 1] = owner
		locks[#locks + 1] = digits(tonumber(redis.call('ZSCORE', key('locks:index'), name)) or 0)
		locks[#locks + 1] = redis.call('HGET', key('locks:takenAt'), name) or '0'
	end
end
local events = redis.call('XREVRANGE', key('events'), '+', '-', 'COUNT', math.max(1, eventCount))
local streamId = events[1] and events[1][1] or '0-0'
return {digits(now), streamId, redis.call('HGETALL', key('control')), agents, locks, events, tasks, nextCursor}
