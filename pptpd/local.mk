# filled with the room's first source
