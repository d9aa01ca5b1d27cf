--- Agents: status hash and registry entry change together. Needs lib/base.

--- Rebuilds the registry entry from flat fields, string by string: JSON of others is never decoded and encoded again
--- (an empty list would come back as an object).
local function writeRegistry(agent)
	local fields = redis.call('HMGET', agentKey(agent), 'status', 'role', 'capabilities', 'room', 'harness', 'task', 'pid')
	if (fields[4] or '') == '' then
		--- An agent from outside writes its own entry.
		return
	end
	local capabilities = (fields[3] or '') == '' and '' or string.gsub(cjson.encode(fields[3]), ',', '","')
	redis.call('HSET', key('agents:registry'), agent, table.concat({
		'{"status":', cjson.encode(fields[1] or ''),
		',"role":', cjson.encode(fields[2] or ''),
		',"capabilities":[', capabilities,
		'],"room":', cjson.encode(fields[4] or ''),
		',"harness":', cjson.encode(fields[5] or ''),
		',"task":', cjson.encode(fields[6] or ''),
		',"pid":', digits(tonumber(fields[7] or '0') or 0), '}',
	}))
end

--- Writes an agent's fields, its registry entry and the same fields into an event's list.
local function writeAgent(agent, fields, event)
	redis.call('HSET', agentKey(agent), unpack(fields))
	writeRegistry(agent)
	prefixed(event, 'a:', fields)
end

--- Statuses that end with the task; dead, lost, stopped and paused agents stay what they are.
local BUSY_STATUSES = {working = true, asks = true, stalled = true, starting = true}

--- Takes the task off the agent, if it still holds this very token.
local function freeAgent(agent, token, event)
	if agent == '' then
		return
	end
	local held = redis.call('HMGET', agentKey(agent), 'token', 'status')
	if held[1] ~= token or token == '' then
		return
	end
	local fields = {'task', '', 'stage', '', 'token', '', 'question', '', 'choices', '', 'questionId', '', 'doing', ''}
	if BUSY_STATUSES[held[2] or ''] then
		put(fields, 'status', 'idle')
		put(fields, 'statusAt', digits(now))
	end
	writeAgent(agent, fields, event)
end
