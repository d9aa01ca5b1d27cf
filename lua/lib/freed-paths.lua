--- Tasks that waited for the end of a lock.
--- uses: handing

local isFreed = false

--- A path lock ended in this step.
local function note()
	isFreed = true
end

--- Assigns tasks that a path lock blocked to waiting agents, in the step that ends it.
local function serve()
	if isFreed then
		handing.serve()
	end
end

return {note = note, serve = serve}
