{
  "targets": [
    {
      "target_name": "snorkel_torch",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["build/Release/snorkel_torch.node"],
          "action": ["node", "scripts/build.mjs", "--native"]
        }
      ]
    }
  ]
}
