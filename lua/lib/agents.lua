--- Agents: status hash and registry entry change together.

--- A JSON string; ids and statuses need no escapes.
local function quoted(text)
	if string.find(text, '[^%w._:+-]') then
		return cjson.encode(text)
	end
	return '"' .. text .. '"'
end

--- The stable part of a registry entry, concatenated: decoding and encoding others' JSON would turn empty lists into objects.
local function cardOf(role, capabilities, room, harness, pid)
	local names = capabilities == '' and '' or string.gsub(cjson.encode(capabilities), ',', '","')
	return table.concat({
		',"role":', quoted(role), ',"capabilities":[', names, '],"room":', quoted(room), ',"harness":', quoted(harness),
		',"pid":', digits(tonumber(pid) or 0), '}',
	})
end

local MEMBER_FIELDS = {'role', 'status', 'capabilities', 'room', 'task', 'token', 'paused', 'card', 'stage', 'account', 'resumes'}

--- An agent's fields by name, missing ones ''; nil if there is no such agent.
local function read(id)
	local values = redis.call('HMGET', agentKey(id), unpack(MEMBER_FIELDS))
	if not values[1] then
		return nil
	end
	local member = {id = id}
	for index, name in ipairs(MEMBER_FIELDS) do
		member[name] = values[index] or ''
	end
	return member
end

local IN_CARD = {role = true, capabilities = true, room = true, harness = true, pid = true}

--- Writes an agent's fields, its registry entry and the same fields of an event. An external agent (room '') writes its own entry.
local function write(member, fields, event)
	local isOfCard = member.card == ''
	for index = 1, #fields, 2 do
		isOfCard = isOfCard or IN_CARD[fields[index]]
		member[fields[index]] = fields[index + 1]
	end
	if member.room ~= '' and isOfCard then
		local known = redis.call('HMGET', agentKey(member.id), 'harness', 'pid')
		member.card = cardOf(member.role, member.capabilities, member.room, member.harness or known[1] or '', member.pid or known[2] or '0')
		put(fields, 'card', member.card)
	end
	redis.call('HSET', agentKey(member.id), unpack(fields))
	if member.room ~= '' then
		softly('HSET', key('agents:registry'), member.id, '{"status":' .. quoted(member.status) .. ',"task":' .. quoted(member.task) .. member.card)
	end
	tell(event, 'a', fields)
end

return {read = read, write = write}
